document.getElementById('root').textContent = 'board';
