export default { fetch: () => Response.json([]) };
