const { queue } = require('@pad/common');

require('express')().get('/', (_, response) => response.send(queue)).listen(4000);
