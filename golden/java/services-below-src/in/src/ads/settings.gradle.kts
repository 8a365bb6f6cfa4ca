rootProject.name = "ads"
