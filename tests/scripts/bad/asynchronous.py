async def main(a: int, /) -> list[int]:
    return [a]
