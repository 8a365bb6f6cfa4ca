import express from 'express';

express().listen(process.env.port || 3333);
