import os
import re

from setuptools import setup

here = os.path.dirname(__file__)


def read(*parts):
    with open(os.path.join(here, *parts)) as file:
        return file.read()


setup(
    name="teller",
    version=re.search(r'__version__ = "(.+)"', read("teller", "__init__.py")).group(1),
    long_description=read("README.md"),
    packages=["teller"],
    install_requires=read("requirements", "core.txt").splitlines(),
    entry_points={"console_scripts": ["teller=teller.cli:main"]},
)
