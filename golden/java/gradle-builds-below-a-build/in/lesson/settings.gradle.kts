rootProject.name = "lesson"

include("one")
