#!/usr/bin/env python3
"""The program of the labelling's processing job; works wherever this folder is copied to."""

import sys

from vwt_label.main import main

if __name__ == "__main__":
    sys.exit(main())
