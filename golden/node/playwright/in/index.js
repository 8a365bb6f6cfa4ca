require('playwright').chromium.launch();
