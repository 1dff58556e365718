"""`python -m flows` is `ketmine`."""

from flows.cli import main

if __name__ == "__main__":
    main()
