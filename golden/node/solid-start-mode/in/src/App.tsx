export default () => <p>0</p>;
