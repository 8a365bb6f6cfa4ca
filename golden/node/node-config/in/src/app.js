exports.app = require('@feathersjs/koa').koa();
