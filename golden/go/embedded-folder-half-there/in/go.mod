module example.com/mail

go 1.26

require modernc.org/sqlite v1.40.0
