module acme.dev/every

go 1.25

require (
	github.com/IBM/sarama v1.46.3
	github.com/aws/aws-sdk-go-v2/service/s3 v1.90.0
	github.com/elastic/go-elasticsearch/v9 v9.2.0
	github.com/go-sql-driver/mysql v1.9.3
	github.com/rabbitmq/amqp091-go v1.10.0
	github.com/valkey-io/valkey-go v1.0.67
	go.mongodb.org/mongo-driver/v2 v2.4.0
)
