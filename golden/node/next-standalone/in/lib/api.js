export const api = process.env.NEXT_PUBLIC_API;
export const key = process.env.NEXT_PUBLIC_MAPS_KEY;
