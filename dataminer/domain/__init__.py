"""What the field is made of. Standard library only; imports nothing else of ours."""
