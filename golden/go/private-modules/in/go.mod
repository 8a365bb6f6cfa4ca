module git.acme.example/team/api

go 1.26

require git.acme.example/team/auth v1.2.0
