# /// script
# dependencies = ["numpy @ https://example.org/numpy.whl"]
# ///
def main() -> str:
    return "x"
