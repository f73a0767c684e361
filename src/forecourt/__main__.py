"""`python -m forecourt` is the command `forecourt`."""

from forecourt.app.cli import main

if __name__ == "__main__":
    main()
