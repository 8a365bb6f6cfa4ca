require('fs').writeFileSync('generated.json', '{}');
