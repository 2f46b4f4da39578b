"""A lock."""
def main() -> int:
    return 1
