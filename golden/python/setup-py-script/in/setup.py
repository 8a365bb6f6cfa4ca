from setuptools import setup

REQUIRES = ["click==8.3.0"]
setup(
    name="teller",
    version="1.0",
    py_modules=["teller"],
    install_requires=REQUIRES,
    entry_points={"console_scripts": ["teller=teller:main"]},
)
