#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.12"
# dependencies = [
#   "cowsay==6.1",
# ]
# ///
"""Says what there is to say."""
import cowsay

if __name__ == "__main__":
    cowsay.cow("reported")
