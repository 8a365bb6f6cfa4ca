require('express')().get('/', (_, response) => response.send('hello')).listen(process.env.PORT || 3000);
