Deno.serve(() => new Response('feed'));
