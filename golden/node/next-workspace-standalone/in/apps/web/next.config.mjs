export default { output: 'standalone', transpilePackages: ['@acme/ui'] };
