"""`python -m resmon`."""

from resmon._launcher import main

if __name__ == "__main__":
    main()
