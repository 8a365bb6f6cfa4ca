export default { base: "/static/" };
