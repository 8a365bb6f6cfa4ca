package config

type Server struct {
	Port     int    `yaml:"port" default:"3000" env:"BASE_PORT"`
	ListenIP string `yaml:"listen_ip" default:"127.0.0.1" env:"BASE_LISTEN_IP"`
	Database string `yaml:"database" default:"base.db" env:"BASE_DB"`
}
