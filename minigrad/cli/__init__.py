"""The command line: what `python -m minigrad` parses, prints and plays.  main.py is where a command begins."""
