exports.queue = 'mail';
