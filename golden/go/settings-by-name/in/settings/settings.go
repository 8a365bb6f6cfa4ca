package settings

import (
	"os"
	"path/filepath"

	"github.com/spf13/viper"
)

type Config struct {
	Address   string `mapstructure:"HTTP_SERVER_ADDRESS"`
	Migration string `mapstructure:"MIGRATION_URL"`
	Keys      string
}

func Load(path string) (config Config, err error) {
	viper.AddConfigPath(path)
	viper.SetConfigName("app")
	viper.SetConfigType("env")
	viper.AutomaticEnv()
	if err = viper.ReadInConfig(); err != nil {
		return
	}
	if err = viper.Unmarshal(&config); err != nil {
		return
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return
	}
	config.Keys = filepath.Join(home, ".bank")
	err = os.MkdirAll(config.Keys, 0o700)
	return
}
