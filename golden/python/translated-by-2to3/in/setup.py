from setuptools import setup

setup(
    name="old",
    version="1.0",
    packages=["old"],
    install_requires=["six==1.17.0"],
    use_2to3=True,
    entry_points={"console_scripts": ["old=old.cli:main"]},
)
