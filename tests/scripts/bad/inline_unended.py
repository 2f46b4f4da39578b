# /// script
# dependencies = [
def main() -> str:
    return "x"
