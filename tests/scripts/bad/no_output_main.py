def main(a: int) -> None:
    print(a)
