module acme.dev/app

go 1.25

require github.com/joho/godotenv v1.5.1
