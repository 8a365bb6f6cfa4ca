from setuptools import find_packages, setup

setup(
    name="Acme.Api",
    version="1.0",
    package_dir={"": "src"},
    packages=find_packages("src"),
    install_requires=["click>=8"],
    python_requires=">=3.9,<3.13",
)
