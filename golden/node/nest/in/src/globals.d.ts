declare const process: any;
