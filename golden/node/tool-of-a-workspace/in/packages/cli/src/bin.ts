import { open } from 'mailbox-core';

open();
