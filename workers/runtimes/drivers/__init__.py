"""What runs under the methods' interpreters. Imports the languages' standard libraries only."""
