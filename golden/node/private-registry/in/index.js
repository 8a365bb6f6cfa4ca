require('@acme/lib');
