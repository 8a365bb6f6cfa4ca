require('puppeteer').launch();
