from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

HERE = Path(__file__).parent


class Settings(BaseSettings):
    data_dir: str = Field(default="./data")
    template_dir: Path = HERE / "templates"


settings = Settings()
