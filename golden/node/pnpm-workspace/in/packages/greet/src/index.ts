const ms = require('ms');

export const greet = () => `hello ${ms(1000)}`;
