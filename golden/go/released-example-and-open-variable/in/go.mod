module example.com/base

go 1.25

require golang.org/x/net v0.54.0
require modernc.org/sqlite v1.40.0
