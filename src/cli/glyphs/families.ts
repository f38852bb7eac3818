/**
 * The typefaces of the glyph sheet by what they look like: names of @fontsource packages, whose versions package.json
 * pins. A print face tells its 62 characters apart; a handwriting face looks drawn or written by hand and may write
 * its small letters as capitals. Chosen by eye at 28 pixels: no hairlines, no digits that shrink to nothing. Only OFL
 * and Apache licences.
 */
export type Kind = 'print' | 'handwriting';

const list = (text: string): string[] => text.trim().split(/\s+/);

export const FAMILIES: Record<Kind, string[]> = {
  print: list(`
    abril-fatface acme alegreya aleo alfa-slab-one anonymous-pro archivo-narrow arvo asap atkinson-hyperlegible barlow
    bitter bree-serif cabin cardo comfortaa courier-prime cousine crimson-text dm-sans domine dosis eb-garamond exo-2
    fira-mono fira-sans fredoka gelasio hind ibm-plex-sans ibm-plex-serif inconsolata jetbrains-mono josefin-sans
    karla lato libre-baskerville libre-caslon-text lora manrope merriweather montserrat mulish nunito old-standard-tt
    open-sans orbitron oswald overpass oxygen patua-one philosopher playfair-display poppins pt-sans pt-serif
    questrial quicksand raleway righteous roboto roboto-mono roboto-slab rokkitt rubik sanchez share-tech-mono signika
    source-code-pro source-sans-3 source-serif-4 space-mono special-elite spectral tinos titillium-web unna
    varela-round volkhov work-sans zilla-slab`),
  handwriting: list(`
    amatic-sc annie-use-your-telescope architects-daughter bad-script caveat caveat-brush cedarville-cursive chilanka
    cookie courgette covered-by-your-grace damion dancing-script delicious-handrawn delius farsan finger-paint gaegu
    gloria-hallelujah gochi-hand grand-hotel handlee indie-flower itim kalam kaushan-script mansalva marck-script
    nanum-brush-script nanum-pen-script neucha pacifico patrick-hand permanent-marker playpen-sans poor-story
    reenie-beanie rock-salt satisfy schoolbell shadows-into-light shantell-sans short-stack sriracha
    sue-ellen-francisco swanky-and-moo-moo the-girl-next-door yellowtail`),
};

export const WEIGHTS = [400, 700];
