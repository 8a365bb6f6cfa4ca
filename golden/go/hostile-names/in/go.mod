module "acme.dev/$(touch pwned)`id`"

go 1.26
