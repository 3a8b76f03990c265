/** The smaller build of hls.js ships without types of its own; what is used here is the same. */
declare module 'hls.js/light' {
  import Hls from 'hls.js';
  export default Hls;
}
