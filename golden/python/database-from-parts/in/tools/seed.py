import os

os.makedirs("seeded", exist_ok=True)
