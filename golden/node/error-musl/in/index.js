require('playwright');
