require('canvas').createCanvas(1, 1);
