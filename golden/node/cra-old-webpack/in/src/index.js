console.log(process.env.REACT_APP_API);
