plugins { base }
