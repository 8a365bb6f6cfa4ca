const { app } = require('./app');

app.listen(app.get('port'));
