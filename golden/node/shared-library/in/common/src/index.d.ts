export const queue: string;
